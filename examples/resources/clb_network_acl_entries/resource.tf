data "clb_load_balancer" "web" {
  name = "my-loadbalancer"
}

# The subnets of the load balancer.
resource "clb_network_acl_entries" "load_balancer_subnets" {
  network_acl_id  = "acl-0123456789abcdef0"
  subnet_roles    = ["load_balancer"]
  load_balancers  = [data.clb_load_balancer.web]
  vpc_cidr_blocks = data.clb_load_balancer.web.vpc_cidr_blocks
}

# The private subnets of its instances. These entries start at rule number 500.
resource "clb_network_acl_entries" "instance_subnets" {
  network_acl_id    = "acl-0fedcba9876543210"
  subnet_roles      = ["private_instance"]
  load_balancers    = [data.clb_load_balancer.web]
  vpc_cidr_blocks   = data.clb_load_balancer.web.vpc_cidr_blocks
  first_rule_number = 500
}
