# Say once where the load balancer checks the health of its instances.
locals {
  health_check = provider::clb::parse_health_check_target("HTTP:8081/healthz")
}

# "HTTP", 8081 and "/healthz": for example for the configuration of the instances.
output "health_check" {
  value = "listen on ${local.health_check.port} and answer ${local.health_check.path} over ${local.health_check.protocol}"
}
