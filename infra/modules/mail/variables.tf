variable "name" {
  description = "Of the configuration set."
  type        = string
}

variable "region" {
  description = "Where SES is asked."
  type        = string
}

variable "domain" {
  description = "Whose mail it is."
  type        = string
}

variable "zone_id" {
  description = "Of Route 53, which the domain is in."
  type        = string
}

variable "sender" {
  description = "The address in HEALTHMED_MAIL_FROM."
  type        = string

  validation {
    condition     = can(regex("^[^@ ]+@[^@ ]+$", var.sender))
    error_message = "An address alone, without a name."
  }
}

variable "reports_to" {
  description = "Who reads the reports of DMARC."
  type        = string
}
