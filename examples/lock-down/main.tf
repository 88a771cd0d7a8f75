# A load balancer that has been open for years: its groups and its network ACL have rules for everyone on the ports of
# the load balancer. The plan shows in revoked_rules and revoked_entries which of them go. The recommended rules are put
# in place first, so that nothing that the load balancer needs is closed.

data "clb_load_balancer" "web" {
  name = "my-loadbalancer"
}

resource "clb_load_balancer_rules" "web" {
  security_group_id           = "sg-0123456789abcdef0"
  load_balancers              = [data.clb_load_balancer.web]
  instance_security_group_ids = ["sg-0fedcba9876543210"]
  clients                     = [{ cidr_blocks = ["203.0.113.0/24"] }]
  vpc_cidr_blocks             = data.clb_load_balancer.web.vpc_cidr_blocks
  unmanaged_rules             = "revoke_broader"
}

resource "clb_instance_ingress_rules" "instances" {
  security_group_id = "sg-0fedcba9876543210"
  load_balancers    = [data.clb_load_balancer.web]
  vpc_cidr_blocks   = data.clb_load_balancer.web.vpc_cidr_blocks
  unmanaged_rules   = "revoke_broader" # SSH and monitoring stay, and so do rules for wider port ranges
}

resource "clb_network_acl_entries" "load_balancer_subnets" {
  network_acl_id    = "acl-0123456789abcdef0"
  subnet_roles      = ["load_balancer"]
  load_balancers    = [data.clb_load_balancer.web]
  clients           = [{ cidr_blocks = ["203.0.113.0/24"] }]
  vpc_cidr_blocks   = data.clb_load_balancer.web.vpc_cidr_blocks
  unmanaged_entries = "revoke_broader" # deny entries always stay
}
