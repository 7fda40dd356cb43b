package strategy

import "testing"

func TestValueStream(t *testing.T) {
	registered := happened[ValueStream](ValueStreamRegistered{ID: checkout, Portfolio: retail, Name: "Checkout"})
	retired := after(registered, ValueStreamRetirement{"merged"})
	active := Portfolio{ID: retail, State: PortfolioActive, Configuration: WithPortfolio}
	archived, essential := active, active
	archived.State, essential.Configuration = PortfolioClosed, Essential
	half := Allocation{Features: 50, Enablers: 30, Maintenance: 20}
	tell(t, ValueStreamSchema, []sentence[ValueStream]{
		{name: "it is registered", when: RegisterValueStream{Portfolio: retail, Name: " Checkout", ID: checkout, In: active}, then: registered},
		{name: "the same wish already holds", given: registered, when: RegisterValueStream{Portfolio: retail, Name: "Checkout", In: active}},
		{name: "another wish for the same value stream is refused", given: registered, when: RegisterValueStream{Portfolio: retail, Name: "Search", In: active}, refuses: ErrValueStreamExists},
		{name: "it has a name", when: RegisterValueStream{Portfolio: retail, In: active}, refuses: wrong("name")},
		{name: "its portfolio is there", when: RegisterValueStream{Portfolio: retail, Name: "A"}, refuses: wrong("portfolio")},
		{name: "not in an archived portfolio", when: RegisterValueStream{Portfolio: retail, Name: "A", In: archived}, refuses: ErrPortfolioArchived},
		{name: "not without a portfolio level", when: RegisterValueStream{Portfolio: retail, Name: "A", In: essential}, refuses: ErrNoPortfolioLevel},
		{name: "it is revised", given: registered, when: ReviseValueStream{"Pay", "all of it"}, then: happened[ValueStream](ValueStreamRevised{"Pay", "all of it"})},
		{name: "it says so already", given: registered, when: ReviseValueStream{"Checkout", ""}},
		{name: "retired it is not revised", given: retired, when: ReviseValueStream{"Pay", ""}, refuses: ErrValueStreamRetired},
		{name: "an ART is attached", given: registered, when: AttachArt{train}, then: happened[ValueStream](ArtAttached{train})},
		{name: "an ART is attached once", given: after(registered, ArtAttached{train}), when: AttachArt{train}},
		{name: "an ART has an id", given: registered, when: AttachArt{}, refuses: wrong("art")},
		{name: "retired it gets no ART", given: retired, when: AttachArt{train}, refuses: ErrValueStreamRetired},
		{name: "an ART is detached", given: after(registered, ArtAttached{train}), when: DetachArt{train}, then: happened[ValueStream](ArtDetached{train})},
		{name: "what is not attached needs no detaching", given: registered, when: DetachArt{train}},
		{name: "capacity is allocated", given: registered, when: SetCapacityAllocation{half}, then: happened[ValueStream](CapacityAllocationSet{half})},
		{name: "capacity is allocated so already", given: after(registered, CapacityAllocationSet{half}), when: SetCapacityAllocation{half}},
		{name: "shares make 100", given: registered, when: SetCapacityAllocation{Allocation{50, 30, 10}}, refuses: wrong("")},
		{name: "a share is not negative", given: registered, when: SetCapacityAllocation{Allocation{120, -10, -10}}, refuses: wrong("")},
		{name: "retired it has no capacity", given: retired, when: SetCapacityAllocation{half}, refuses: ErrValueStreamRetired},
		{name: "it is retired", given: registered, when: RetireValueStream{Reason: "merged"}, then: happened[ValueStream](ValueStreamRetirement{"merged"})},
		{name: "it is retired once", given: retired, when: RetireValueStream{Reason: "merged"}},
		{name: "retiring has a reason", given: registered, when: RetireValueStream{}, refuses: wrong("reason")},
		{name: "not with an active budget", given: registered, when: RetireValueStream{Reason: "merged", Funded: true}, refuses: ErrValueStreamFunded},
		{name: "not with open epics", given: registered, when: RetireValueStream{Reason: "merged", OpenEpics: 2}, refuses: ErrValueStreamInUse},
	})
}
