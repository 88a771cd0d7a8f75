terraform {
  required_version = ">= 1.14"
  required_providers {
    clb = { source = "terraform-clb/clb" }
  }
}

provider "clb" {
  region = "us-east-1"
}
