# Every Classic Load Balancer in a VPC, and what belongs to it.
list "clb_load_balancer_security_groups" "fleet" {
  provider = clb
  config {}
}

list "clb_load_balancer_rules" "fleet" {
  provider = clb
  config {}
}

list "clb_instance_ingress_rules" "fleet" {
  provider = clb
  config {}
}

list "clb_network_acl_entries" "fleet" {
  provider = clb
  config {}
}
