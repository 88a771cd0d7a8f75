locals {
  recommended = provider::clb::recommended_rules({
    name         = "my-loadbalancer"
    listener     = [{ lb_port = 443, instance_port = 8443 }]
    health_check = [{ target = "HTTP:8081/healthz" }]

    security_groups             = ["sg-0123456789abcdef0"]
    instance_security_group_ids = ["sg-0fedcba9876543210"]
  }, ["10.0.0.0/16"])
}

# Each table is a map for for_each, here the inbound rules of the instances' security group:
# tcp 8443, tcp 8081 and ICMP "fragmentation needed", from the load balancer's group.
output "instance_ingress" {
  value = local.recommended.instance_ingress
}
