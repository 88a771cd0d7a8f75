locals {
  load_balancer = {
    name            = local.web_name
    internal        = false
    listener        = [{ lb_port = 80, instance_port = 8080 }, { lb_port = 443, instance_port = 8443 }]
    health_check    = [{ target = "HTTP:8081/healthz" }]
    security_groups = [local.lb_group]
  }
}

resource "clb_load_balancer_security_groups" "web" {
  load_balancer_name = local.load_balancer.name
  security_groups    = local.load_balancer.security_groups
}

resource "clb_load_balancer_rules" "web" {
  security_group_id           = local.lb_group
  load_balancers              = [local.load_balancer]
  instance_security_group_ids = [local.instance_group]
}

resource "clb_instance_ingress_rules" "web" {
  security_group_id = local.instance_group
  load_balancers    = [local.load_balancer]
}

resource "clb_network_acl_entries" "load_balancer" {
  network_acl_id  = local.lb_acl
  load_balancers  = [local.load_balancer]
  subnet_roles    = ["load_balancer"]
  vpc_cidr_blocks = ["10.0.0.0/16"]
}

resource "clb_network_acl_entries" "instances" {
  network_acl_id  = local.instance_acl
  load_balancers  = [local.load_balancer]
  subnet_roles    = ["private_instance"]
  vpc_cidr_blocks = ["10.0.0.0/16"]
}
