import {
  to = clb_instance_ingress_rules.instances
  id = "sg-0fedcba9876543210/my-loadbalancer,my-loadbalancer-internal"
}
