output "page" {
  description = "The page's own host name, zone and id."
  value = {
    name    = aws_cloudfront_distribution.page.domain_name
    zone_id = aws_cloudfront_distribution.page.hosted_zone_id
    id      = aws_cloudfront_distribution.page.id
  }
}

output "files" {
  description = "The documents' host name, zone, id and ARN."
  value = {
    name    = aws_cloudfront_distribution.files.domain_name
    zone_id = aws_cloudfront_distribution.files.hosted_zone_id
    id      = aws_cloudfront_distribution.files.id
    arn     = aws_cloudfront_distribution.files.arn
  }
}

output "key_pair_id" {
  description = "HEALTHMED_CLOUDFRONT_KEY_PAIR_ID."
  value       = aws_cloudfront_public_key.files.id
}

output "kept" {
  description = "What the tests look at."
  value = {
    walls     = [aws_cloudfront_distribution.page.web_acl_id, aws_cloudfront_distribution.files.web_acl_id]
    viewers   = [for each in concat(aws_cloudfront_distribution.page.default_cache_behavior, aws_cloudfront_distribution.page.ordered_cache_behavior, aws_cloudfront_distribution.files.default_cache_behavior) : each.viewer_protocol_policy]
    tls       = [aws_cloudfront_distribution.page.viewer_certificate[0].minimum_protocol_version, aws_cloudfront_distribution.files.viewer_certificate[0].minimum_protocol_version]
    origin    = [for each in aws_cloudfront_distribution.page.origin : each.custom_origin_config[0].origin_protocol_policy]
    signed    = length(aws_cloudfront_distribution.files.default_cache_behavior[0].trusted_key_groups) > 0
    oac       = aws_cloudfront_origin_access_control.files.signing_behavior
    logged    = flatten([for each in aws_cloudwatch_log_delivery.this : each.record_fields])
    overrides = [for each in aws_cloudfront_response_headers_policy.page.security_headers_config[0].content_security_policy : each.override]
  }
}
