# A load balancer that is running, whose instances admit more than it needs: its rules are taken over, and what is less
# restrictive than AWS recommends is revoked.
terraform {
  required_providers {
    clb = { source = "terraform-clb/clb" }
  }
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
  unmanaged_rules   = "revoke_broader"
}
