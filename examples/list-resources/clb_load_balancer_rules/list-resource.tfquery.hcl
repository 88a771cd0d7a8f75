list "clb_load_balancer_rules" "web" {
  provider = clb

  config {
    name_pattern = "web-*"
  }
}
