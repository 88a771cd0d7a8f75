list "clb_instance_ingress_rules" "web" {
  provider = clb

  config {
    name_pattern = "web-*"
  }
}
