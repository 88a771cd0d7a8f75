terraform {
  required_version = ">= 1.8"
  required_providers {
    clb = { source = "terraform-clb/clb" }
  }
}

provider "clb" {
  region = "us-east-1"
}

# Every load balancer of the region, whoever manages its rules.
data "clb_load_balancers" "all" {}

data "clb_wiring" "all" {
  for_each = data.clb_load_balancers.all.load_balancers

  load_balancer_name = each.key
  fail_on            = "error"
}

output "verdicts" {
  value = { for name, wiring in data.clb_wiring.all : name => wiring.verdict }
}
