# All load balancers of a VPC whose names start with "my-".
data "clb_load_balancers" "ours" {
  vpc_id       = "vpc-0123456789abcdef0"
  name_pattern = "my-*"
}

# Each keeps the rules of the one security group that it carries.
resource "clb_load_balancer_rules" "ours" {
  for_each = data.clb_load_balancers.ours.load_balancers

  security_group_id = one(each.value.security_groups)
  load_balancers    = [each.value]
  vpc_cidr_blocks   = each.value.vpc_cidr_blocks
}
