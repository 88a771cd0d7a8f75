# An internet-facing load balancer that is stated here. aws_elb resources and data sources have the same
# attributes, so load_balancers = [aws_elb.web] does the same.
resource "clb_load_balancer_rules" "web" {
  security_group_id           = "sg-0123456789abcdef0"
  instance_security_group_ids = ["sg-0fedcba9876543210"]

  load_balancers = [{
    name = "my-loadbalancer"
    listener = [
      { lb_port = 80, instance_port = 8080 },
      { lb_port = 443, instance_port = 8443 },
    ]
    health_check = [{ target = "HTTP:8081/healthz" }]
  }]
}

# An internal load balancer, as AWS has it now, that serves one group of clients and an office network only.
data "clb_load_balancer" "internal" {
  name = "my-loadbalancer-internal"
}

resource "clb_load_balancer_rules" "internal" {
  security_group_id = "sg-0aaaabbbbccccdddd"
  load_balancers    = [data.clb_load_balancer.internal]
  respond_to_ping   = true

  clients = [{
    security_group_ids = ["sg-0fedcba9876543210"]
    cidr_blocks        = ["192.168.4.0/22"]
  }]

  tags = {
    Team = "shop"
  }
}
