# Every Classic Load Balancer in a VPC, and what belongs to it.
list "clb_load_balancer_security_groups" "load_balancers" {
  provider         = clb
  include_resource = true

  config {}
}

list "clb_load_balancer_rules" "groups" {
  provider         = clb
  include_resource = true

  config {}
}

list "clb_instance_ingress_rules" "instances" {
  provider         = clb
  include_resource = true

  config {}
}

list "clb_network_acl_entries" "network_acls" {
  provider         = clb
  include_resource = true

  config {}
}
