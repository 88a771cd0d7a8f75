terraform {
  required_version = ">= 1.8"
  required_providers {
    clb = { source = "terraform-clb/clb" }
  }
}

provider "clb" {
  region = var.region

  default_tags {
    tags = { ManagedBy = "terraform" }
  }
}

# Both load balancers, with their listeners, health check and instances as AWS has them now.
data "clb_load_balancer" "web" {
  name = var.load_balancer_name
}

data "clb_load_balancer" "internal" {
  name = var.internal_load_balancer_name
}

locals {
  # The security groups are decided here, everything else comes from AWS.
  web      = merge(data.clb_load_balancer.web, { security_groups = [var.load_balancer_security_group_id] })
  internal = merge(data.clb_load_balancer.internal, { security_groups = [var.internal_load_balancer_security_group_id] })

  vpc_cidr_blocks = data.clb_load_balancer.web.vpc_cidr_blocks
}

# The rules of each load balancer's own security group.
resource "clb_load_balancer_rules" "web" {
  security_group_id = var.load_balancer_security_group_id
  load_balancers    = [local.web]
}

resource "clb_load_balancer_rules" "internal" {
  security_group_id = var.internal_load_balancer_security_group_id
  load_balancers    = [local.internal]
  vpc_cidr_blocks   = local.vpc_cidr_blocks
}

# The rules of the instances' security group. Each load balancer is admitted on its own ports only.
resource "clb_instance_ingress_rules" "instances" {
  security_group_id = var.instance_security_group_id
  load_balancers    = [local.web, local.internal]
}

# The network ACLs. Both load balancers are in the same subnets, and both send to the same instances.
resource "clb_network_acl_entries" "load_balancer_subnets" {
  network_acl_id  = var.load_balancer_network_acl_id
  subnet_roles    = ["load_balancer"]
  load_balancers  = [local.web, local.internal]
  vpc_cidr_blocks = local.vpc_cidr_blocks
}

resource "clb_network_acl_entries" "instance_subnets" {
  network_acl_id  = var.instance_network_acl_id
  subnet_roles    = ["private_instance"]
  load_balancers  = [local.web, local.internal]
  vpc_cidr_blocks = local.vpc_cidr_blocks
}

# The load balancers get their groups when the rules are in place, and are given back their former groups before the
# rules go.
resource "clb_load_balancer_security_groups" "web" {
  load_balancer_name = var.load_balancer_name
  security_groups    = local.web.security_groups
  on_destroy         = "restore"

  depends_on = [clb_load_balancer_rules.web, clb_instance_ingress_rules.instances]
}

resource "clb_load_balancer_security_groups" "internal" {
  load_balancer_name = var.internal_load_balancer_name
  security_groups    = local.internal.security_groups
  on_destroy         = "restore"

  depends_on = [clb_load_balancer_rules.internal, clb_instance_ingress_rules.instances]
}
