variable "name" {
  description = "What buckets are called after; with the account's number in it, for names are the whole world's."
  type        = string
}

variable "page_origin" {
  description = "The origin of the page, which uploads: `https://` and a host."
  type        = string

  validation {
    condition     = can(regex("^https://[a-z0-9.-]+$", var.page_origin))
    error_message = "https:// and a host, without a path."
  }
}

variable "distribution_arn" {
  description = "Of CloudFront, through which links lead."
  type        = string
}

variable "key_arn" {
  description = "The KMS key of documents and heads."
  type        = string
}

variable "replica_region" {
  description = "Where the copy is."
  type        = string
}

variable "replica_key_arn" {
  description = "The KMS key of the copy, in its region."
  type        = string
}

variable "heads_years" {
  description = "For how long nobody can delete a head."
  type        = number
  default     = 5

  validation {
    condition     = var.heads_years >= 1 && var.heads_years <= 20
    error_message = "One year to twenty: it can never be shortened."
  }
}

variable "log_days" {
  description = "How long access logs are kept, in days."
  type        = number
  default     = 365
}
