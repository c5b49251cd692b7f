output "arn" {
  description = "Of the balancer."
  value       = aws_lb.this.arn
}

output "arn_suffix" {
  description = "As metrics have it."
  value       = aws_lb.this.arn_suffix
}

output "dns" {
  description = "Its own host name, and the zone that Route 53 wants for an alias."
  value       = { name = aws_lb.this.dns_name, zone_id = aws_lb.this.zone_id }
}

output "listener_arn" {
  description = "Of the traffic."
  value       = aws_lb_listener.this.arn
}

output "test_listener_arn" {
  description = "Of the look beforehand."
  value       = aws_lb_listener.test.arn
}

output "target_groups" {
  description = "blue and green: name, ARN, and what metrics have."
  value = { for colour, group in aws_lb_target_group.this : colour => {
    name = group.name, arn = group.arn, arn_suffix = group.arn_suffix
  } }
}

output "kept" {
  description = "What the tests look at."
  value = {
    protocols           = [aws_lb_listener.this.protocol, aws_lb_listener.test.protocol]
    policies            = [aws_lb_listener.this.ssl_policy, aws_lb_listener.test.ssl_policy]
    idle                = aws_lb.this.idle_timeout
    drain               = [for group in aws_lb_target_group.this : tonumber(group.deregistration_delay)]
    probes              = [for group in aws_lb_target_group.this : group.health_check[0].path]
    patience            = [for group in aws_lb_target_group.this : group.health_check[0].interval * group.health_check[0].unhealthy_threshold]
    deletion_protection = aws_lb.this.enable_deletion_protection
    strict              = aws_lb.this.drop_invalid_header_fields
  }
}
