terraform {
  required_version = ">= 1.8"
  required_providers {
    aws = { source = "hashicorp/aws" }
    clb = { source = "terraform-clb/clb" }
  }
}

locals {
  saved = jsondecode(file("saved.json"))

  # The facts, which now stand here.
  web = {
    name         = "my-loadbalancer"
    internal     = false
    listener     = [{ lb_port = 443, instance_port = 8443 }]
    health_check = [{ target = "HTTP:8081/healthz" }]

    security_groups             = ["sg-0123456789abcdef0"]
    instance_security_group_ids = ["sg-0fedcba9876543210"]
  }
  recommended = provider::clb::recommended_rules(local.web, ["10.0.0.0/16"])

  load_balancer_subnets = merge(local.recommended.load_balancer_subnet_ingress, local.recommended.load_balancer_subnet_egress)
}

import {
  for_each = local.saved.load_balancer_ingress
  to       = aws_vpc_security_group_ingress_rule.load_balancer[each.key]
  id       = each.value
}

resource "aws_vpc_security_group_ingress_rule" "load_balancer" {
  for_each = local.recommended.load_balancer_ingress

  security_group_id            = "sg-0123456789abcdef0"
  cidr_ipv4                    = each.value.cidr_ipv4
  prefix_list_id               = each.value.prefix_list_id
  referenced_security_group_id = each.value.referenced_security_group_id
  ip_protocol                  = each.value.ip_protocol
  from_port                    = each.value.from_port
  to_port                      = each.value.to_port
  description                  = each.value.description
}

import {
  for_each = local.saved.load_balancer_subnets
  to       = aws_network_acl_rule.load_balancer_subnets[each.key]
  id       = "acl-0123456789abcdef0:${each.value}:tcp:${local.load_balancer_subnets[each.key].egress}"
}

resource "aws_network_acl_rule" "load_balancer_subnets" {
  for_each = local.load_balancer_subnets

  network_acl_id = "acl-0123456789abcdef0"
  rule_number    = local.saved.load_balancer_subnets[each.key]
  egress         = each.value.egress
  rule_action    = each.value.rule_action
  protocol       = each.value.protocol
  cidr_block     = each.value.cidr_block
  from_port      = each.value.from_port
  to_port        = each.value.to_port
}

# And in the same way load_balancer_egress, instance_ingress and instance_subnets.
