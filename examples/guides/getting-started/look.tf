terraform {
  required_version = ">= 1.8"
  required_providers {
    clb = { source = "terraform-clb/clb" }
  }
}

provider "clb" {
  region = "us-east-1"
}

# Looks at the live load balancer, its security groups and its network ACLs, and changes nothing.
data "clb_wiring" "web" {
  load_balancer_name = "my-loadbalancer"
}

output "verdict" {
  value = data.clb_wiring.web.verdict
}

output "report" {
  value = data.clb_wiring.web.report
}
