variable "planned_entries" {
  description = "Network ACL entries to try out, shaped like aws_network_acl_rule."
  type        = any
  default     = []
}

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

data "clb_wiring" "web" {
  load_balancer_name = "my-loadbalancer"
  planned_rules      = { network_acl_rules = var.planned_entries }

  depends_on = [
    clb_load_balancer_rules.web,
    clb_instance_ingress_rules.web,
    clb_network_acl_entries.load_balancer,
    clb_network_acl_entries.instances,
  ]
}
