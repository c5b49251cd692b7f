variable "name" {
  description = "What everything is called after."
  type        = string
}

variable "page_host" {
  description = "Of the page and its API."
  type        = string
}

variable "files_host" {
  description = "Of links to documents."
  type        = string
}

variable "origin_host" {
  description = "By which CloudFront calls the balancer."
  type        = string
}

variable "origin_secret" {
  description = "What CloudFront says to the balancer, so that nobody comes around it."
  type        = string
  sensitive   = true

  validation {
    condition     = length(var.origin_secret) >= 32
    error_message = "At least 32 characters, from a generator."
  }
}

variable "bucket_host" {
  description = "Of the bucket of documents."
  type        = string
}

variable "links_public_key" {
  description = "PEM of the RSA key whose private half is HEALTHMED_CLOUDFRONT_PRIVATE_KEY."
  type        = string

  validation {
    condition     = startswith(var.links_public_key, "-----BEGIN PUBLIC KEY-----")
    error_message = "A public key in PEM."
  }
}

variable "certificate_arn" {
  description = "Of ACM in us-east-1, for both hosts."
  type        = string
}

variable "web_acl_arn" {
  description = "Of the WAF."
  type        = string
}

variable "log_bucket_arn" {
  description = "Where access logs go."
  type        = string
}
