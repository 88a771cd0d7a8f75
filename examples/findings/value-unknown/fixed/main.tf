data "clb_wiring" "web" {
  load_balancer_name          = "my-loadbalancer"
  instance_security_group_ids = ["sg-0fedcba9876543210"]
  instance_subnet_ids         = ["subnet-0fedcba9876543210", "subnet-0fedcba9876543211"]
}

output "report" {
  value = data.clb_wiring.web.report
}
