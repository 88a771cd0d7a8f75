resource "clb_load_balancer_security_groups" "web" {
  load_balancer_name = "my-loadbalancer"
  security_groups    = ["sg-0123456789abcdef0"]

  # Destroying this resource gives the load balancer back the groups that it has today.
  on_destroy = "restore"
}
