data "clb_wiring" "web" {
  load_balancer_name = "my-loadbalancer"
}

output "report" {
  value = data.clb_wiring.web.report
}
