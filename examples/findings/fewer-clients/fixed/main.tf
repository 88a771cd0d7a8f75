data "clb_wiring" "web" {
  load_balancer_name = "my-loadbalancer"

  clients = [
    { lb_ports = [443], cidr_blocks = ["198.51.100.0/24"] },
  ]
}

output "report" {
  value = data.clb_wiring.web.report
}
