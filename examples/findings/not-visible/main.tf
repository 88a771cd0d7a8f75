data "clb_wiring" "web" {
  load_balancer_name = "my-loadbalancer"
  fail_on            = "warning"
}
