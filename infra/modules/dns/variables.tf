variable "domain" {
  description = "Of the page: `saude.example`. Others lie below it: files, origin, partners."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9-]+(\\.[a-z0-9-]+)+$", var.domain))
    error_message = "A host name in lower case, such as saude.example."
  }
}

variable "zone_id" {
  description = "Of Route 53, which the domain is in."
  type        = string
}

variable "targets" {
  description = "Where hosts lead: page, files, origin, partners."
  type        = map(object({ name = string, zone_id = string, evaluate = bool }))

  validation {
    condition     = length(setsubtract(keys(var.targets), ["page", "files", "origin", "partners"])) == 0
    error_message = "page, files, origin and partners are all that there is."
  }
}
