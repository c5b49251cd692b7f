variable "name" {
  description = "What everything is called after, as `healthmed-production`."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,30}$", var.name))
    error_message = "Lower case letters, digits and dashes, 3 to 31 of them."
  }
}

variable "region" {
  description = "Where it lies."
  type        = string
}

variable "cidr" {
  description = "The VPC's addresses, a /16."
  type        = string
  default     = "10.20.0.0/16"

  validation {
    condition     = can(cidrhost(var.cidr, 0)) && endswith(var.cidr, "/16")
    error_message = "A /16, such as 10.20.0.0/16."
  }
}

variable "zones" {
  description = "Availability zones, three of them, so that two are left when one fails."
  type        = list(string)

  validation {
    condition     = length(var.zones) == 3 && length(distinct(var.zones)) == 3
    error_message = "Three different zones."
  }
}

variable "nat_per_zone" {
  description = "A NAT gateway in each zone; with one alone, its zone takes the way out with it."
  type        = bool
  default     = true
}

variable "endpoints" {
  description = "Services that are reached inside the VPC, by the end of their name."
  type        = set(string)
  default = [
    "ecr.api", "ecr.dkr", "logs", "monitoring", "secretsmanager", "kms", "sts", "xray", "email-smtp",
  ]
}

variable "log_days" {
  description = "How long flow logs are kept, in days."
  type        = number
  default     = 365
}

variable "log_key_arn" {
  description = "The KMS key of log groups."
  type        = string
}
