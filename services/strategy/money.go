package strategy

import "throughline.dev/pkg/fail"

// Money is an amount in minor units of a currency: 1050 EUR is ten euros fifty.
type Money struct {
	Amount   int64  `json:"amount" minimum:"0" doc:"In minor units of the currency, such as cents."`
	Currency string `json:"currency" minLength:"3" maxLength:"3" example:"EUR" doc:"ISO 4217 code."`
}

func (m Money) check(field string) error {
	if m.Amount < 0 {
		return fail.Invalid(field+".amount", "an amount is 0 or more minor units")
	}
	return currency(field+".currency", m.Currency)
}

func currency(field, code string) error {
	ok := len(code) == 3
	for i := range len(code) {
		ok = ok && code[i] >= 'A' && code[i] <= 'Z'
	}
	if !ok {
		return fail.Invalid(field, "a currency is an ISO 4217 code of three capital letters, such as EUR")
	}
	return nil
}
