resource "clb_load_balancer_rules" "web" {
  security_group_id           = "sg-0123456789abcdef0"
  instance_security_group_ids = ["sg-0fedcba9876543210"]

  load_balancers = [{
    name         = "my-loadbalancer"
    listener     = [{ lb_port = 443, instance_port = 8443 }]
    health_check = [{ target = "HTTP:8081/healthz" }]
  }]
}
