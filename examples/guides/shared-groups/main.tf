module "shop" {
  source = "./service"
  name   = "my-loadbalancer"
}

module "admin" {
  source  = "./service"
  name    = "my-loadbalancer-internal"
  clients = [{ cidr_blocks = ["10.0.200.0/24"] }]
}

locals {
  load_balancers  = [module.shop.load_balancer, module.admin.load_balancer]
  vpc_cidr_blocks = module.shop.vpc_cidr_blocks
}

# Both load balancers send to the same instances, and their nodes and instances are in the same subnets.
resource "clb_instance_ingress_rules" "instances" {
  security_group_id = "sg-0fedcba9876543210"
  load_balancers    = local.load_balancers
}

resource "clb_network_acl_entries" "load_balancer_subnets" {
  network_acl_id  = "acl-0123456789abcdef0"
  subnet_roles    = ["load_balancer"]
  load_balancers  = local.load_balancers
  vpc_cidr_blocks = local.vpc_cidr_blocks
}

resource "clb_network_acl_entries" "instance_subnets" {
  network_acl_id  = "acl-0fedcba9876543210"
  subnet_roles    = ["private_instance"]
  load_balancers  = local.load_balancers
  vpc_cidr_blocks = local.vpc_cidr_blocks
}
