data "clb_load_balancer" "web" {
  name = "my-loadbalancer"
}

resource "clb_load_balancer_rules" "web" {
  security_group_id = "sg-0123456789abcdef0"
  load_balancers    = [data.clb_load_balancer.web]
}

resource "clb_instance_ingress_rules" "web" {
  security_group_id = "sg-0fedcba9876543210"
  load_balancers    = [data.clb_load_balancer.web]
}

resource "clb_network_acl_entries" "load_balancer" {
  network_acl_id  = "acl-0123456789abcdef0"
  load_balancers  = [data.clb_load_balancer.web]
  subnet_roles    = ["load_balancer"]
  vpc_cidr_blocks = data.clb_load_balancer.web.vpc_cidr_blocks
}

resource "clb_network_acl_entries" "instances" {
  network_acl_id  = "acl-0fedcba9876543210"
  load_balancers  = [data.clb_load_balancer.web]
  subnet_roles    = ["private_instance"]
  vpc_cidr_blocks = data.clb_load_balancer.web.vpc_cidr_blocks
}

# The apply fails when the rules stand and something else still refuses the
# traffic. With depends_on, the path is read after the rules are written: while
# one of them is to be changed, that is after the change, and the change is not
# held up.
data "clb_wiring" "web" {
  load_balancer_name = "my-loadbalancer"

  depends_on = [
    clb_load_balancer_rules.web,
    clb_instance_ingress_rules.web,
    clb_network_acl_entries.load_balancer,
    clb_network_acl_entries.instances,
  ]

  lifecycle {
    postcondition {
      condition     = self.verdict == "proved"
      error_message = self.report
    }
  }
}
