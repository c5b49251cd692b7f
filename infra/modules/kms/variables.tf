variable "name" {
  description = "Of the alias, without `alias/`."
  type        = string
}

variable "description" {
  description = "What it is for."
  type        = string
}

variable "region" {
  description = "Where the key is; null: where everything is."
  type        = string
  default     = null
}

variable "services" {
  description = "Services of AWS that use it in their own name, for this account alone."
  type        = list(string)
  default     = []
}

variable "plain_services" {
  description = "The same for services that do not say for which account (CloudWatch's logs and alarms)."
  type        = list(string)
  default     = []
}

variable "cloudfront" {
  description = "Distributions of this account read what is encrypted by it."
  type        = bool
  default     = false
}

variable "copy_region" {
  description = "Where the same key is once more, for a restore there; null: nowhere."
  type        = string
  default     = null
}
