terraform {
  required_version = ">= 1.8"
  required_providers {
    aws = { source = "hashicorp/aws" }
    clb = { source = "terraform-clb/clb" }
  }
}

variable "vpc_id" {
  type = string
}

variable "vpc_cidr_blocks" {
  description = "All IPv4 CIDR blocks of the VPC."
  type        = list(string)
}

variable "subnet_ids" {
  description = "The subnets of the load balancer."
  type        = set(string)
}

# No ingress, no egress: an aws_security_group that has them removes every rule that it does not list.
resource "aws_security_group" "load_balancer" {
  name   = "web-load-balancer"
  vpc_id = var.vpc_id
}

resource "aws_security_group" "instances" {
  name   = "web-instances"
  vpc_id = var.vpc_id
}

# No ingress, no egress here either.
resource "aws_network_acl" "load_balancer" {
  vpc_id     = var.vpc_id
  subnet_ids = var.subnet_ids
}

resource "aws_elb" "web" {
  name            = "web"
  internal        = false # also when it is false, so that it is known at the first plan
  subnets         = var.subnet_ids
  security_groups = [aws_security_group.load_balancer.id]

  listener {
    lb_port           = 80
    lb_protocol       = "http"
    instance_port     = 8080
    instance_protocol = "http"
  }

  listener {
    lb_port           = 443
    lb_protocol       = "tcp"
    instance_port     = 8443
    instance_protocol = "tcp"
  }

  health_check {
    target              = "HTTP:8081/healthz"
    interval            = 30
    timeout             = 5
    healthy_threshold   = 2
    unhealthy_threshold = 2
  }
}

resource "clb_load_balancer_rules" "web" {
  security_group_id           = aws_security_group.load_balancer.id
  load_balancers              = [aws_elb.web]
  instance_security_group_ids = [aws_security_group.instances.id]
}

resource "clb_instance_ingress_rules" "web" {
  security_group_id = aws_security_group.instances.id
  load_balancers    = [aws_elb.web]
}

resource "clb_network_acl_entries" "load_balancer" {
  network_acl_id  = aws_network_acl.load_balancer.id
  subnet_roles    = ["load_balancer"]
  load_balancers  = [aws_elb.web]
  vpc_cidr_blocks = var.vpc_cidr_blocks
}

# Rules that have nothing to do with the load balancer stay in hashicorp/aws, in the same group.
resource "aws_vpc_security_group_ingress_rule" "ssh" {
  security_group_id = aws_security_group.instances.id
  cidr_ipv4         = "10.0.200.0/24"
  ip_protocol       = "tcp"
  from_port         = 22
  to_port           = 22
}
