list "clb_load_balancer_security_groups" "web" {
  provider = clb

  config {
    name_pattern = "web-*"
  }
}
