# A wall before ours: Amazon's lists, a rate far above the server's own, and the size of a body. It
# knows neither GraphQL nor people; who may ask how much is the server's affair (docs/decisions/0016,
# 0023). In its log there are no paths and no queries.

locals {
  # Content-Length of more than `body_bytes` of transport/limits.py: 1,048,576.
  too_long = "^0*([1-9][0-9]{7,}|[2-9][0-9]{6}|1[1-9][0-9]{5}|10[5-9][0-9]{4}|1049[0-9]{3}|1048[6-9][0-9]{2}|10485[89][0-9]|104857[7-9])$"

  lists = {
    reputation = { name = "AWSManagedRulesAmazonIpReputationList", priority = 10, counted = [] }
    known      = { name = "AWSManagedRulesKnownBadInputsRuleSet", priority = 20, counted = [] }
    # Counted, not blocked: bodies are 1 MiB here and not 8 KiB, and what a doctor writes in a note
    # may look like anything. Nothing of it is ever put into HTML or SQL as text.
    common = { name = "AWSManagedRulesCommonRuleSet", priority = 30, counted = [
      "SizeRestrictions_BODY", "CrossSiteScripting_BODY", "GenericLFI_BODY", "GenericRFI_BODY", "EC2MetaDataSSRF_BODY",
    ] }
  }
}

resource "aws_wafv2_regex_pattern_set" "too_long" {
  region = var.region
  name   = "${var.name}-too-long"
  scope  = var.scope

  regular_expression {
    regex_string = local.too_long
  }
}

resource "aws_wafv2_web_acl" "this" {
  region      = var.region
  name        = var.name
  description = "Before ${var.name}"
  scope       = var.scope

  default_action {
    allow {}
  }

  # Not by CloudFront, and not by our API gateway: whoever calls the balancer by its own name.
  dynamic "rule" {
    for_each = nonsensitive(var.origin_secret == null) ? [] : ["x-origin-verify"]
    content {
      name     = "around-the-front"
      priority = 0
      action {
        block {}
      }
      statement {
        not_statement {
          statement {
            byte_match_statement {
              search_string         = var.origin_secret
              positional_constraint = "EXACTLY"
              field_to_match {
                single_header {
                  name = rule.value
                }
              }
              text_transformation {
                priority = 0
                type     = "NONE"
              }
            }
          }
        }
      }
      visibility_config {
        cloudwatch_metrics_enabled = true
        metric_name                = "${var.name}-around-the-front"
        sampled_requests_enabled   = false
      }
    }
  }

  rule {
    name     = "too-long"
    priority = 1
    action {
      block {
        custom_response {
          response_code = 413
        }
      }
    }
    statement {
      regex_pattern_set_reference_statement {
        arn = aws_wafv2_regex_pattern_set.too_long.arn
        field_to_match {
          single_header {
            name = "content-length"
          }
        }
        text_transformation {
          priority = 0
          type     = "NONE"
        }
      }
    }
    visibility_config {
      cloudwatch_metrics_enabled = true
      metric_name                = "${var.name}-too-long"
      sampled_requests_enabled   = false
    }
  }

  # A clinic comes from one address. The server takes 6,000 operations a minute of one; this is for
  # who does not even ask properly.
  rule {
    name     = "flood"
    priority = 2
    action {
      block {
        custom_response {
          response_code = 429
        }
      }
    }
    statement {
      rate_based_statement {
        limit                 = var.requests_per_minute
        evaluation_window_sec = 60
        aggregate_key_type    = var.scope == "CLOUDFRONT" ? "IP" : "FORWARDED_IP"

        dynamic "forwarded_ip_config" {
          for_each = var.scope == "CLOUDFRONT" ? [] : [1]
          content {
            header_name       = "X-Forwarded-For"
            fallback_behavior = "NO_MATCH"
          }
        }
      }
    }
    visibility_config {
      cloudwatch_metrics_enabled = true
      metric_name                = "${var.name}-flood"
      sampled_requests_enabled   = false
    }
  }

  dynamic "rule" {
    for_each = local.lists
    content {
      name     = rule.key
      priority = rule.value.priority
      override_action {
        none {}
      }
      statement {
        managed_rule_group_statement {
          vendor_name = "AWS"
          name        = rule.value.name

          dynamic "rule_action_override" {
            for_each = rule.value.counted
            content {
              name = rule_action_override.value
              action_to_use {
                count {}
              }
            }
          }
        }
      }
      visibility_config {
        cloudwatch_metrics_enabled = true
        metric_name                = "${var.name}-${rule.key}"
        sampled_requests_enabled   = false
      }
    }
  }

  visibility_config {
    cloudwatch_metrics_enabled = true
    metric_name                = var.name
    sampled_requests_enabled   = false # samples hold paths
  }
}

resource "aws_wafv2_web_acl_association" "this" {
  for_each = var.resources

  web_acl_arn  = aws_wafv2_web_acl.this.arn
  resource_arn = each.value
}

# WAF wants this beginning of its name.
resource "aws_cloudwatch_log_group" "this" {
  region            = var.region
  name              = "aws-waf-logs-${var.name}"
  retention_in_days = var.log_days
  kms_key_id        = var.log_key_arn
}

resource "aws_wafv2_web_acl_logging_configuration" "this" {
  region                  = var.region
  resource_arn            = aws_wafv2_web_acl.this.arn
  log_destination_configs = [aws_cloudwatch_log_group.this.arn]

  redacted_fields {
    uri_path {}
  }
  redacted_fields {
    query_string {}
  }
  redacted_fields {
    single_header {
      name = "authorization"
    }
  }
  redacted_fields {
    single_header {
      name = "cookie"
    }
  }
  redacted_fields {
    single_header {
      name = "x-origin-verify"
    }
  }
}
