variable "name" {
  description = "Of the list."
  type        = string
}

variable "scope" {
  description = "CLOUDFRONT or REGIONAL."
  type        = string

  validation {
    condition     = contains(["CLOUDFRONT", "REGIONAL"], var.scope)
    error_message = "CLOUDFRONT or REGIONAL."
  }
}

variable "region" {
  description = "us-east-1 for CloudFront; null: where everything is."
  type        = string
  default     = null
}

variable "requests_per_minute" {
  description = "Of one address, above which it is blocked."
  type        = number
  default     = 12000

  validation {
    condition     = var.requests_per_minute > 6000
    error_message = "More than the server's own 6000, which answers with Retry-After."
  }
}

variable "origin_secret" {
  description = "What CloudFront and the API gateway say to the balancer; null: not asked for."
  type        = string
  default     = null
  sensitive   = true
}

variable "resources" {
  description = "ARNs of what stands behind a regional one, by a name of ours."
  type        = map(string)
  default     = {}
}

variable "log_key_arn" {
  description = "The KMS key of log groups, in that region."
  type        = string
}

variable "log_days" {
  description = "How long its log is kept, in days."
  type        = number
  default     = 90
}
