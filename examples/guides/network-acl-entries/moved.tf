# As if the account had a quota of seven entries, so that a small example shows what happens.
provider "clb" {
  region = "us-east-1"

  limits {
    entries_per_network_acl = 7
  }
}

data "clb_load_balancer" "web" {
  name = "my-loadbalancer"
}

resource "clb_network_acl_entries" "load_balancer_subnets" {
  network_acl_id  = "acl-0123456789abcdef0"
  subnet_roles    = ["load_balancer"]
  load_balancers  = [data.clb_load_balancer.web]
  vpc_cidr_blocks = data.clb_load_balancer.web.vpc_cidr_blocks

  first_rule_number = 200
}
