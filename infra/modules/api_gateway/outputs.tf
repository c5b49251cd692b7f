output "target" {
  description = "Where the host leads: name and zone."
  value = {
    name    = aws_api_gateway_domain_name.this.regional_domain_name
    zone_id = aws_api_gateway_domain_name.this.regional_zone_id
  }
}

output "stage_arn" {
  description = "What the WAF stands before."
  value       = aws_api_gateway_stage.this.arn
}

output "api_name" {
  description = "As metrics have it."
  value       = aws_api_gateway_rest_api.this.name
}

output "plans" {
  description = "Usage plans by name, to which keys are added."
  value       = { for name, plan in aws_api_gateway_usage_plan.this : name => plan.id }
}

output "kept" {
  description = "What the tests look at."
  value = {
    keys      = { for name, method in aws_api_gateway_method.this : name => method.api_key_required }
    throttled = aws_api_gateway_method_settings.this.settings[0].throttling_rate_limit > 0
    bodies    = aws_api_gateway_method_settings.this.settings[0].data_trace_enabled
    hidden    = aws_api_gateway_rest_api.this.disable_execute_api_endpoint
  }
}
