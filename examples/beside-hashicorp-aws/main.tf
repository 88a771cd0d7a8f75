# The recommended rules of a load balancer, written by hashicorp/aws: this provider only says which they are.
# The resources of hashicorp/aws stand in aws.tf.example; rename the file to aws.tf to use them.
terraform {
  required_version = ">= 1.8"
  required_providers {
    clb = { source = "terraform-clb/clb" }
  }
}

variable "load_balancer_security_group_id" {
  description = "The security group of the load balancer."
  type        = string
  default     = "sg-0123456789abcdef0"
}

variable "instance_security_group_id" {
  description = "The security group of the instances."
  type        = string
  default     = "sg-0fedcba9876543210"
}

variable "vpc_cidr_blocks" {
  description = "All IPv4 CIDR blocks of the VPC."
  type        = list(string)
  default     = ["10.0.0.0/16", "10.1.0.0/16"]
}

locals {
  # With hashicorp/aws: merge(aws_elb.web, { instance_security_group_ids = [aws_security_group.instances.id] })
  load_balancer = {
    name                        = "my-loadbalancer"
    internal                    = false
    listener                    = [{ lb_port = 80, instance_port = 8080 }, { lb_port = 443, instance_port = 8443 }]
    health_check                = [{ target = "HTTP:8081/healthz" }]
    security_groups             = [var.load_balancer_security_group_id]
    instance_security_group_ids = [var.instance_security_group_id]
  }

  recommended = provider::clb::recommended_rules(local.load_balancer, var.vpc_cidr_blocks)

  # The rows of both directions of a network ACL are one map here, because aws_network_acl_rule says its direction itself.
  load_balancer_subnet = merge(local.recommended.load_balancer_subnet_ingress, local.recommended.load_balancer_subnet_egress)
}

# What aws_vpc_security_group_ingress_rule gets, rule by rule.
resource "terraform_data" "load_balancer_ingress" {
  for_each = local.recommended.load_balancer_ingress

  input = {
    security_group_id            = var.load_balancer_security_group_id
    cidr_ipv4                    = each.value.cidr_ipv4
    prefix_list_id               = each.value.prefix_list_id
    referenced_security_group_id = each.value.referenced_security_group_id
    ip_protocol                  = each.value.ip_protocol
    from_port                    = each.value.from_port
    to_port                      = each.value.to_port
    description                  = each.value.description
  }
}

# What aws_network_acl_rule gets, entry by entry.
resource "terraform_data" "load_balancer_subnet" {
  for_each = local.load_balancer_subnet

  input = {
    rule_number = each.value.rule_number
    egress      = each.value.egress
    rule_action = each.value.rule_action
    protocol    = each.value.protocol
    cidr_block  = each.value.cidr_block
    from_port   = each.value.from_port
    to_port     = each.value.to_port
  }
}

output "rules" {
  value = sort(concat(
    [for key, rule in terraform_data.load_balancer_ingress : "security group, inbound: ${key}"],
    [for key, entry in terraform_data.load_balancer_subnet : "network ACL, rule ${entry.input.rule_number}: ${key}"],
  ))
}
