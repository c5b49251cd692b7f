# Two distributions: the page with its API and its sockets, and the links to documents.

locals {
  # Amazon's own policies, by the ids that are the same everywhere.
  uncached   = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad" # CachingDisabled
  cached     = "658327ea-f89d-4fab-a63d-7e88639e58f6" # CachingOptimized
  all_viewer = "216adef6-5c7f-47e4-b989-5492eafa07d3" # AllViewer
}

# The server says all of this itself (transport/headers.py, transport/page.py), its pages with a policy
# of their own. So nothing is overridden: this is for answers that never reached it.
resource "aws_cloudfront_response_headers_policy" "page" {
  #checkov:skip=CKV_AWS_259:preloading is for good, and the domain owner's to decide
  name = "${var.name}-page"

  security_headers_config {
    strict_transport_security {
      access_control_max_age_sec = 63072000
      include_subdomains         = true
      override                   = false
    }
    content_type_options {
      override = false
    }
    referrer_policy {
      referrer_policy = "no-referrer"
      override        = false
    }
    content_security_policy {
      content_security_policy = "default-src 'none'; base-uri 'none'; frame-ancestors 'none'"
      override                = false
    }
  }
}

resource "aws_cloudfront_distribution" "page" {
  #checkov:skip=CKV_AWS_310:a second origin would be a second region, which docs/decisions/0053 has as a restore
  #checkov:skip=CKV_AWS_374:patients travel; who may see what does not depend on where he is
  #checkov:skip=CKV_AWS_305:the server answers /
  #checkov:skip=CKV_AWS_86:standard logs of the second version, below, which leave out paths
  comment         = "${var.name}: page and API"
  enabled         = true
  is_ipv6_enabled = true
  http_version    = "http2and3"
  price_class     = "PriceClass_All" # South America is in no cheaper one
  aliases         = [var.page_host]
  web_acl_id      = var.web_acl_arn

  origin {
    origin_id           = "servers"
    domain_name         = var.origin_host
    connection_attempts = 2
    connection_timeout  = 5

    custom_header {
      name  = "x-origin-verify"
      value = var.origin_secret
    }

    custom_origin_config {
      http_port                = 80
      https_port               = 443
      origin_protocol_policy   = "https-only"
      origin_ssl_protocols     = ["TLSv1.2"]
      origin_read_timeout      = 60
      origin_keepalive_timeout = 60
    }
  }

  # Everything, sockets too, as it is: answers bear their own cache-control.
  default_cache_behavior {
    target_origin_id           = "servers"
    viewer_protocol_policy     = "redirect-to-https"
    allowed_methods            = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]
    cached_methods             = ["GET", "HEAD"]
    cache_policy_id            = local.uncached
    origin_request_policy_id   = local.all_viewer
    response_headers_policy_id = aws_cloudfront_response_headers_policy.page.id
    compress                   = false # the server has
  }

  # Names with a hash of what is in them.
  ordered_cache_behavior {
    path_pattern               = "/assets/*"
    target_origin_id           = "servers"
    viewer_protocol_policy     = "redirect-to-https"
    allowed_methods            = ["GET", "HEAD"]
    cached_methods             = ["GET", "HEAD"]
    cache_policy_id            = local.cached
    response_headers_policy_id = aws_cloudfront_response_headers_policy.page.id
    compress                   = false
  }

  restrictions {
    geo_restriction {
      restriction_type = "none"
    }
  }

  viewer_certificate {
    acm_certificate_arn      = var.certificate_arn
    ssl_support_method       = "sni-only"
    minimum_protocol_version = "TLSv1.2_2021"
  }
}

# ------------------------------------------------------------------ documents

resource "aws_cloudfront_origin_access_control" "files" {
  name                              = "${var.name}-files"
  description                       = "CloudFront alone reads the bucket"
  origin_access_control_origin_type = "s3"
  signing_behavior                  = "always"
  signing_protocol                  = "sigv4"
}

resource "aws_cloudfront_public_key" "files" {
  name        = "${var.name}-files"
  comment     = "Of HEALTHMED_CLOUDFRONT_PRIVATE_KEY"
  encoded_key = var.links_public_key

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_cloudfront_key_group" "files" {
  name    = "${var.name}-files"
  comment = "Who signs links"
  items   = [aws_cloudfront_public_key.files.id]
}

# What a link names is part of what is signed, and of what is kept: persistence/cloudfront.py.
resource "aws_cloudfront_cache_policy" "files" {
  name        = "${var.name}-files"
  min_ttl     = 0
  default_ttl = 0
  max_ttl     = 60 # a link's life: what is no longer to be opened is not kept either

  parameters_in_cache_key_and_forwarded_to_origin {
    cookies_config {
      cookie_behavior = "none"
    }
    headers_config {
      header_behavior = "none"
    }
    query_strings_config {
      query_string_behavior = "whitelist"
      query_strings {
        items = ["response-content-disposition", "response-content-type", "versionId"]
      }
    }
  }
}

resource "aws_cloudfront_response_headers_policy" "files" {
  #checkov:skip=CKV_AWS_259:preloading is for good, and the domain owner's to decide
  name = "${var.name}-files"

  security_headers_config {
    strict_transport_security {
      access_control_max_age_sec = 63072000
      include_subdomains         = true
      override                   = true
    }
    content_type_options {
      override = true
    }
    referrer_policy {
      referrer_policy = "no-referrer"
      override        = true
    }
    # A document runs nothing and is shown within nothing.
    content_security_policy {
      content_security_policy = "default-src 'none'; sandbox; frame-ancestors 'none'"
      override                = true
    }
  }

  cors_config {
    access_control_allow_credentials = false
    access_control_max_age_sec       = 3600
    origin_override                  = true
    access_control_allow_headers {
      items = ["*"]
    }
    access_control_allow_methods {
      items = ["GET", "HEAD"]
    }
    access_control_allow_origins {
      items = ["https://${var.page_host}"]
    }
  }

  custom_headers_config {
    items {
      header   = "cache-control"
      value    = "private, no-store"
      override = true
    }
  }
}

resource "aws_cloudfront_distribution" "files" {
  #checkov:skip=CKV_AWS_310:the copy in the other region is for a restore, not for reading
  #checkov:skip=CKV_AWS_374:patients travel; a link is signed for one minute
  #checkov:skip=CKV_AWS_305:there is nothing at /
  #checkov:skip=CKV_AWS_86:standard logs of the second version, below, which leave out paths
  comment         = "${var.name}: documents"
  enabled         = true
  is_ipv6_enabled = true
  http_version    = "http2and3"
  price_class     = "PriceClass_All"
  aliases         = [var.files_host]
  web_acl_id      = var.web_acl_arn

  origin {
    origin_id                = "documents"
    domain_name              = var.bucket_host
    origin_access_control_id = aws_cloudfront_origin_access_control.files.id
  }

  default_cache_behavior {
    target_origin_id           = "documents"
    viewer_protocol_policy     = "https-only"
    allowed_methods            = ["GET", "HEAD", "OPTIONS"]
    cached_methods             = ["GET", "HEAD"]
    cache_policy_id            = aws_cloudfront_cache_policy.files.id
    response_headers_policy_id = aws_cloudfront_response_headers_policy.files.id
    trusted_key_groups         = [aws_cloudfront_key_group.files.id]
    compress                   = false
  }

  restrictions {
    geo_restriction {
      restriction_type = "none"
    }
  }

  viewer_certificate {
    acm_certificate_arn      = var.certificate_arn
    ssl_support_method       = "sni-only"
    minimum_protocol_version = "TLSv1.2_2021"
  }
}

# ------------------------------------------------------------------ logs without paths

locals {
  logged = { page = aws_cloudfront_distribution.page.arn, files = aws_cloudfront_distribution.files.arn }
}

resource "aws_cloudwatch_log_delivery_source" "this" {
  for_each = local.logged

  region       = "us-east-1" # where CloudFront tells
  name         = "${var.name}-${each.key}"
  log_type     = "ACCESS_LOGS"
  resource_arn = each.value
}

resource "aws_cloudwatch_log_delivery_destination" "this" {
  region        = "us-east-1"
  name          = "${var.name}-cloudfront"
  output_format = "json"
  delivery_destination_configuration {
    destination_resource_arn = var.log_bucket_arn
  }
}

resource "aws_cloudwatch_log_delivery" "this" {
  for_each = local.logged

  region                   = "us-east-1"
  delivery_source_name     = aws_cloudwatch_log_delivery_source.this[each.key].name
  delivery_destination_arn = aws_cloudwatch_log_delivery_destination.this.arn
  # cs-uri-stem and cs-uri-query are not among them.
  record_fields = [
    "date", "time", "x-edge-location", "sc-bytes", "c-ip", "cs-method", "sc-status", "x-edge-result-type",
    "x-edge-request-id", "x-host-header", "cs-protocol", "cs-bytes", "time-taken", "ssl-protocol", "ssl-cipher",
    "time-to-first-byte", "x-edge-detailed-result-type",
  ]
}
