# The name of the load balancer. The groups that it carries now become its previous_security_groups.
terraform import clb_load_balancer_security_groups.web my-loadbalancer
