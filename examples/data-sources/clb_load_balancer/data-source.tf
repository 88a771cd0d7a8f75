data "clb_load_balancer" "web" {
  name = "my-loadbalancer"
}

# It fits the resources as it is.
resource "clb_load_balancer_rules" "web" {
  security_group_id = "sg-0123456789abcdef0"
  load_balancers    = [data.clb_load_balancer.web]
}

# The custom network ACLs that its traffic meets.
output "custom_network_acls" {
  value = [for id, acl in data.clb_load_balancer.web.network_acls : id if !acl.default]
}
