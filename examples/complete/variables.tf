variable "region" {
  type        = string
  default     = "us-east-1"
  description = "The AWS region of the load balancers."
}

variable "load_balancer_name" {
  type        = string
  description = "The name of the internet-facing load balancer."
}

variable "internal_load_balancer_name" {
  type        = string
  description = "The name of the internal load balancer, in the same VPC and the same subnets."
}

variable "load_balancer_security_group_id" {
  type        = string
  description = "The security group that the internet-facing load balancer is to carry."
}

variable "internal_load_balancer_security_group_id" {
  type        = string
  description = "The security group that the internal load balancer is to carry."
}

variable "instance_security_group_id" {
  type        = string
  description = "The security group of the instances."
}

variable "load_balancer_network_acl_id" {
  type        = string
  description = "The custom network ACL of the load balancers' subnets."
}

variable "instance_network_acl_id" {
  type        = string
  description = "The custom network ACL of the instances' private subnets."
}
