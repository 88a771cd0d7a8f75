list "clb_network_acl_entries" "web" {
  provider = clb

  config {
    name_pattern = "web-*"
  }
}
