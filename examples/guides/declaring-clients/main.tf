data "clb_load_balancer" "web" {
  name = "my-loadbalancer"
}

locals {
  web = merge(data.clb_load_balancer.web, {
    clients = [
      # Port 80 redirects, for everybody.
      { lb_ports = [80], cidr_blocks = ["0.0.0.0/0"] },
      # Port 443 is for the offices, the partners and the members of a security group.
      {
        lb_ports           = [443]
        cidr_blocks        = ["198.51.100.0/24", "203.0.113.0/24"]
        prefix_list_ids    = ["pl-0123456789abcdef0"]
        security_group_ids = ["sg-0aaaabbbbccccdddd"]
      },
    ]
  })
}

resource "clb_load_balancer_rules" "web" {
  security_group_id = "sg-0123456789abcdef0"
  load_balancers    = [local.web]
}

resource "clb_network_acl_entries" "load_balancer_subnets" {
  network_acl_id  = "acl-0123456789abcdef0"
  subnet_roles    = ["load_balancer"]
  load_balancers  = [local.web]
  vpc_cidr_blocks = data.clb_load_balancer.web.vpc_cidr_blocks
}
