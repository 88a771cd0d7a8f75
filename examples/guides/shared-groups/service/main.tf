terraform {
  required_providers {
    clb = { source = "terraform-clb/clb" }
  }
}

variable "name" {
  description = "The name of the load balancer."
  type        = string
}

variable "clients" {
  description = "Who reaches it. Left out: as AWS recommends."
  type = list(object({
    lb_ports           = optional(set(number))
    cidr_blocks        = optional(set(string))
    security_group_ids = optional(set(string))
    prefix_list_ids    = optional(set(string))
  }))
  default = null
}

# In a module that creates the load balancer, this is resource "aws_elb".
data "clb_load_balancer" "this" {
  name = var.name
}

# The load balancer's own group is nobody else's: its rules stay in the module.
resource "clb_load_balancer_rules" "this" {
  for_each = data.clb_load_balancer.this.security_groups

  security_group_id = each.value
  load_balancers    = [data.clb_load_balancer.this]
  clients           = var.clients
  vpc_cidr_blocks   = data.clb_load_balancer.this.vpc_cidr_blocks
}

# What the resources of shared groups and network ACLs need to know of it.
output "load_balancer" {
  value = merge(data.clb_load_balancer.this, { clients = var.clients })
}

output "vpc_cidr_blocks" {
  value = data.clb_load_balancer.this.vpc_cidr_blocks
}
