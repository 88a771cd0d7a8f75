# The load balancer in the VPC that takes the place of the one in EC2-Classic.
data "clb_load_balancer" "web" {
  name = "my-loadbalancer"
}

# In EC2-Classic a load balancer had no group of its own: who reached it could not be said.
resource "clb_load_balancer_rules" "web" {
  security_group_id = "sg-0123456789abcdef0"
  load_balancers    = [data.clb_load_balancer.web]
}

# In place of security_group_name and source_security_group: the id of the instances' group, and the groups that the
# load balancer carries, which are in its value.
resource "clb_instance_ingress_rules" "instances" {
  security_group_id = "sg-0fedcba9876543210"
  load_balancers    = [data.clb_load_balancer.web]
}

# Network ACLs are new in a VPC. The default network ACL admits everything and needs no entries; a custom one does.
resource "clb_network_acl_entries" "load_balancer_subnets" {
  network_acl_id  = "acl-0123456789abcdef0"
  subnet_roles    = ["load_balancer"]
  load_balancers  = [data.clb_load_balancer.web]
  vpc_cidr_blocks = data.clb_load_balancer.web.vpc_cidr_blocks
}

resource "clb_network_acl_entries" "instance_subnets" {
  network_acl_id  = "acl-0fedcba9876543210"
  subnet_roles    = ["private_instance"]
  load_balancers  = [data.clb_load_balancer.web]
  vpc_cidr_blocks = data.clb_load_balancer.web.vpc_cidr_blocks
}
